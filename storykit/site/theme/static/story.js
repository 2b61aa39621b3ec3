// Everything a page does beyond being read. Without it nothing is missing but the interaction.
(() => {
  'use strict';
  const doc = document;
  const root = doc.documentElement;
  const base = root.dataset.root || '';
  const $ = (selector, from = doc) => from.querySelector(selector);
  const $$ = (selector, from = doc) => [...from.querySelectorAll(selector)];
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(doc.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const json = async (url) => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return answer.json();
  };
  const params = () => new URLSearchParams(location.search);
  const address = (changes) => {
    const url = new URL(location);
    for (const [key, value] of Object.entries(changes)) {
      url.searchParams.delete(key);
      for (const each of [value].flat()) if (each) url.searchParams.append(key, each);
    }
    // Commas are readable and allowed in a query; the browser would write %2C.
    history.replaceState(null, '', url.href.replaceAll('%2C', ','));
  };
  const said = make('div', { className: 'sr' });
  said.setAttribute('role', 'status');
  doc.body.append(said);
  const say = (text) => { said.textContent = text; };

  // --- theme: auto, light, dark -----------------------------------------------------------------
  const darkSystem = matchMedia('(prefers-color-scheme: dark)');
  const theme = () => root.dataset.theme || (darkSystem.matches ? 'dark' : 'light');
  const themeSwitch = $('.theme-switch');
  const showTheme = () => {
    const chosen = root.dataset.theme || 'auto';
    const word = chosen[0].toUpperCase() + chosen.slice(1);
    $('.theme-name', themeSwitch).textContent = word;
    themeSwitch.setAttribute('aria-label', `${word} colours, change`);
  };
  if (themeSwitch) {
    showTheme();
    themeSwitch.addEventListener('click', () => {
      const next = { auto: 'light', light: 'dark', dark: '' }[root.dataset.theme || 'auto'];
      if (next) root.dataset.theme = next;
      else delete root.dataset.theme;
      try {
        if (next) localStorage.setItem('theme', next);
        else localStorage.removeItem('theme');
      } catch { /* no storage: the choice lasts for this page */ }
      showTheme();
      redress();
    });
  }
  darkSystem.addEventListener('change', () => redress());

  // --- the menu: a details element, which only lacks closing itself ----------------------------
  const menu = $('.menu');
  doc.addEventListener('click', (event) => {
    if (menu && menu.open && !menu.contains(event.target)) menu.open = false;
  });

  // --- cards: receipts of numbers, statements of tiles -----------------------------------------
  // One card at a time. It is put right behind its trigger, so that Tab goes on into it.
  let card = null;
  let trigger = null;
  let pinned = false;
  let quiet = false;
  let timer = 0;
  const sheet = matchMedia('(max-width: 37.49rem)');
  const place = () => {
    if (!card || sheet.matches) return;
    const near = trigger.getClientRects()[0] || trigger.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = card;
    const below = near.bottom + 6;
    const above = near.top - height - 6;
    const top = below + height <= innerHeight || above < 8 ? below : above;
    const left = Math.max(8, Math.min(near.left, root.clientWidth - width - 8));
    card.style.cssText = `left:${left}px;top:${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
  };
  const closeCard = (refocus) => {
    clearTimeout(timer);
    if (!card) return;
    const [oldCard, oldTrigger] = [card, trigger];
    card = trigger = null;
    oldTrigger.setAttribute('aria-expanded', 'false');
    if (refocus && oldCard.contains(doc.activeElement)) {
      quiet = true; // coming back to the number must not open it again
      oldTrigger.focus();
      quiet = false;
    }
    oldCard.remove();
  };
  const verdictOf = (link) => [...link.classList].find((name) => name.startsWith('verdict-')) || '';
  const cardContent = (link) => {
    const receipt = link.dataset.receipt && doc.getElementById(link.dataset.receipt);
    if (receipt) return [...receipt.cloneNode(true).childNodes];
    if (!link.matches('.tile')) return null;
    const verdict = $('.tile-verdict', link).textContent;
    const badge = make('p', { className: `verdict ${verdictOf(link)}` }, make('span', { className: 'mark' }), verdict);
    const more = make('p', {}, make('a', { href: link.href, textContent: 'All about this claim' }));
    return [badge, make('p', { textContent: $('.tile-text', link).textContent }), more];
  };
  const openCard = (link, pin) => {
    clearTimeout(timer);
    if (trigger === link) {
      pinned = pinned || pin;
      return;
    }
    const content = cardContent(link);
    if (!content) return;
    closeCard();
    trigger = link;
    pinned = pin;
    card = make('div', { className: `card ${verdictOf(link)}`, popover: 'manual' }, ...content);
    card.setAttribute('role', 'dialog');
    card.setAttribute('aria-label', link.matches('.tile') ? 'The claim' : `About ${link.textContent.trim()}`);
    card.addEventListener('pointerenter', () => clearTimeout(timer));
    card.addEventListener('pointerleave', leave);
    if (pin && sheet.matches) {
      const shut = make('button', { className: 'card-close', type: 'button', textContent: '\u00d7' });
      shut.setAttribute('aria-label', 'Close');
      shut.addEventListener('click', () => closeCard(true));
      card.append(shut);
    }
    link.after(card);
    card.showPopover();
    link.setAttribute('aria-expanded', 'true');
    place();
  };
  function leave(event) {
    if (event.pointerType === 'touch') return;
    clearTimeout(timer); // also of a number that was only brushed while another card is pinned
    if (!pinned) timer = setTimeout(closeCard, 250);
  }
  const CARDS = 'a.receipt[data-receipt], a.tile';
  if (HTMLElement.prototype.showPopover) {
    let touch = false;
    doc.addEventListener('pointerdown', (event) => {
      touch = event.pointerType === 'touch';
      if (card && !card.contains(event.target) && !trigger.contains(event.target)) closeCard();
    }, true);
    for (const link of $$(CARDS)) {
      link.setAttribute('aria-haspopup', 'dialog');
      link.setAttribute('aria-expanded', 'false');
      link.addEventListener('pointerenter', (event) => {
        if (event.pointerType === 'touch') return;
        clearTimeout(timer);
        timer = setTimeout(() => openCard(link, false), trigger ? 60 : 180);
      });
      link.addEventListener('pointerleave', leave);
      link.addEventListener('focus', () => {
        if (!quiet && link.matches(':focus-visible')) openCard(link, false);
      });
      link.addEventListener('click', (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
        // A tile is a link first: only a finger, which cannot hover, gets the card before the page.
        if (link.matches('.tile') && !touch) return;
        if (trigger === link && pinned) return;
        event.preventDefault();
        openCard(link, true);
        if (!event.detail && card) ($('a, button', card) || card).focus();
      });
    }
    doc.addEventListener('focusin', (event) => {
      if (card && !card.contains(event.target) && event.target !== trigger) closeCard();
    });
    addEventListener('scroll', place, { passive: true });
    addEventListener('resize', place);
  }

  // --- figures: a picture until someone reaches for it -----------------------------------------
  const charts = new Map(); // figure -> { spec, hide, x, el, drawn, busy }
  const lensFigures = $$('.fig[data-lens]');
  const narrow = matchMedia('(max-width: 599px)');
  let library = null;
  let lens = null; // codes shown on every figure with a lens; null until known
  const script = (src) => new Promise((done, fail) => {
    doc.head.append(make('script', { src, onload: done, onerror: () => fail(new Error(src)) }));
  });
  const needLibrary = () => {
    library = library || Promise.all([json(`${base}_static/plotly-template.json`), script(`${base}_static/vendor/plotly.min.js`)])
      .then(([template]) => template);
    library.catch(() => { library = null; });
    return library;
  };
  const stateOf = (fig) => {
    if (!charts.has(fig)) charts.set(fig, { hide: null, x: null, at: -1, trace: 0 });
    return charts.get(fig);
  };
  const needSpec = (fig) => {
    const state = stateOf(fig);
    state.loading = state.loading || json(fig.dataset.spec).then((spec) => { state.spec = spec; return spec; });
    state.loading.catch(() => { state.loading = null; });
    return state.loading;
  };
  // Lists are replaced and objects merged, which is how a layout is varied for a phone.
  const merge = (into, from) => {
    for (const [key, value] of Object.entries(from || {})) {
      const both = value && typeof value === 'object' && !Array.isArray(value) && into[key] && typeof into[key] === 'object';
      into[key] = both ? merge(into[key], value) : value;
    }
    return into;
  };
  // Links name what they hide, so that a further series does not change what an old link shows.
  const keyOf = (trace, i) => trace.name || `#${i}`;
  const codeOf = (trace) => (trace.meta && trace.meta.lens) || '';
  // A hidden lane of a timeline leaves no gap: what stands above it moves down.
  const closeBands = (data, layout) => {
    const shut = data.filter((trace) => trace.visible === 'legendonly' && trace.meta && trace.meta.band).map((trace) => trace.meta.band);
    if (!shut.length) return;
    const down = (y) => shut.reduce((sum, [low, high]) => sum - (y > high - 0.05 ? high - low : 0), y);
    for (const trace of data) trace.y = trace.y.map(down);
    for (const note of layout.annotations || []) note.y = down(note.y);
    layout.yaxis.range = layout.yaxis.range.map(down);
  };
  const dressed = (fig, template) => {
    const { spec, hide, x } = stateOf(fig);
    let text = JSON.stringify({ data: spec.data, layout: merge(structuredClone(spec.layout), narrow.matches ? spec.narrow : {}) });
    if (theme() === 'dark') {
      text = text.replace(/#[0-9a-f]{6}\b/gi, (hex) => template.swap[hex.toLowerCase()] || hex);
    }
    const { data, layout } = JSON.parse(text);
    data.forEach((trace, i) => {
      if (hide && hide.has(keyOf(trace, i))) trace.visible = 'legendonly';
      else if (hide && trace.visible === 'legendonly') trace.visible = true;
      if (fig.dataset.lens && lens && codeOf(trace)) trace.visible = lens.has(codeOf(trace)) ? true : 'legendonly';
    });
    // What is written about a trace bears its name, and goes with it.
    const gone = new Set(data.filter((trace) => trace.visible === 'legendonly').map((trace) => trace.name));
    for (const note of layout.annotations || []) {
      if (note.name && gone.has(note.name)) note.visible = false;
    }
    for (const trace of data) {
      if (trace.meta && trace.meta.guide && gone.has(trace.name)) trace.visible = false;
    }
    closeBands(data, layout);
    delete layout.width;
    delete layout.height;
    Object.assign(layout, { autosize: true, uirevision: 1, template: { layout: template[theme()].layout || template[theme()] } });
    if (x) layout.xaxis = Object.assign(layout.xaxis || {}, { range: x, autorange: false });
    return [data, layout];
  };
  const draw = async (fig) => {
    const state = stateOf(fig);
    const template = await needLibrary();
    const [data, layout] = dressed(fig, template);
    await Plotly.react(state.el, data, layout, { responsive: true, displaylogo: false, displayModeBar: false });
    if (state.drawn) return;
    state.drawn = true;
    // Restyling and zooming are the reader's; they go into the address, one figure at a time.
    state.el.on('plotly_restyle', () => {
      state.hide = new Set(state.el.data.flatMap((trace, i) => (trace.visible === 'legendonly' && !(fig.dataset.lens && codeOf(trace)) ? [keyOf(trace, i)] : [])));
      remember(fig);
    });
    state.el.on('plotly_relayout', (change) => {
      if ('xaxis.range[0]' in change) state.x = [change['xaxis.range[0]'], change['xaxis.range[1]']];
      else if (change['xaxis.autorange']) state.x = null;
      else return;
      remember(fig);
    });
  };
  const remember = (fig) => {
    const { hide, x } = stateOf(fig);
    const hidden = [...(hide || [])];
    address({ fig: hidden.length || x ? fig.dataset.fig : '', hide: hidden, x: x ? x.join() : '' });
  };
  const titleOf = (fig) => ($('.fig-title', fig) || $('h1')).textContent.trim();
  const opener = (fig) => $('.fig-open', fig);
  const label = (fig, open) => {
    opener(fig).textContent = open ? 'Back to picture' : fig.dataset.kind === 'map' ? 'Open the map' : 'Explore';
  };
  const trouble = (fig, error) => {
    console.warn(error);
    $('.fig-said', fig).textContent = 'The live version could not be loaded; the picture and the table hold the same values.';
  };
  const hydrate = async (fig) => {
    const state = stateOf(fig);
    const stage = $('.fig-stage', fig);
    if (state.open || state.busy) return state.busy;
    const work = async () => {
      stage.setAttribute('aria-busy', 'true');
      try {
        await Promise.all([needLibrary(), needSpec(fig)]);
        state.el = $('.fig-live', fig);
        state.el.hidden = false;
        state.open = true;
        // Transparent until drawn: the picture stays in sight and the box does not move.
        state.el.style.opacity = 0;
        await draw(fig);
        state.el.style.opacity = '';
        stage.classList.add('is-live');
        state.opened = performance.now();
        state.el.tabIndex = 0;
        state.el.setAttribute('role', 'application');
        state.el.setAttribute('aria-label', `${titleOf(fig)} Arrow keys step through the values, Escape returns to the picture.`);
        label(fig, true);
        $('.fig-said', fig).textContent = '';
      } catch (error) {
        still(fig);
        trouble(fig, error);
      }
      stage.removeAttribute('aria-busy');
      state.busy = null;
    };
    state.busy = work();
    return state.busy;
  };
  const still = (fig) => {
    const state = stateOf(fig);
    const stage = $('.fig-stage', fig);
    if (stage.contains(doc.activeElement)) opener(fig).focus();
    if (state.drawn) Plotly.purge(state.el);
    if (state.el) state.el.hidden = true;
    const frame = $('iframe', stage);
    if (frame) frame.remove();
    state.open = state.drawn = false;
    // A pointer that happens to lie there has not asked again.
    state.shut = stage.matches(':hover');
    stage.classList.remove('is-live');
    label(fig, false);
  };
  const dressMap = (fig) => {
    const state = stateOf(fig);
    state.theme = theme();
    $('iframe', fig).src = `${fig.dataset.frame}?theme=${state.theme}`;
  };
  const openMap = (fig) => {
    const stage = $('.fig-stage', fig);
    const frame = make('iframe', { title: titleOf(fig), loading: 'lazy' });
    $('picture', stage).before(frame);
    dressMap(fig);
    stage.classList.add('is-live');
    stateOf(fig).open = true;
    label(fig, true);
    frame.focus();
  };
  const redress = () => {
    for (const [fig, state] of charts) {
      if (!state.open) continue;
      if (fig.dataset.kind === 'chart') draw(fig);
      else if (state.theme !== theme()) dressMap(fig);
    }
  };
  narrow.addEventListener('change', redress);

  // Arrow keys: left and right through the points of a trace, up and down through the traces.
  const isData = (trace) => trace.visible !== false && trace.visible !== 'legendonly' && trace.hoverinfo !== 'skip'
    && !(trace.meta && trace.meta.guide) && trace.x && trace.y && trace.x.some((x, i) => x != null && trace.y[i] != null);
  // A whole number of four digits may be a year and is said without a comma.
  const plainNumber = (value) => (typeof value === 'number'
    ? value.toLocaleString('en', { maximumFractionDigits: 3, useGrouping: value > 9999 || value % 1 !== 0 })
    : String(value).replace(/<br>/g, ' '));
  const step = (fig, key) => {
    const state = stateOf(fig);
    const traces = state.el.data.flatMap((trace, i) => (isData(trace) ? [i] : []));
    if (!traces.length) return;
    if (key === 'ArrowUp' || key === 'ArrowDown') {
      state.trace = (state.trace + (key === 'ArrowDown' ? 1 : traces.length - 1)) % traces.length;
      state.at = -1;
      key = 'ArrowRight';
    }
    const curveNumber = traces[state.trace % traces.length];
    const trace = state.el.data[curveNumber];
    const last = trace.x.length - 1;
    let at = state.at;
    do at += key === 'ArrowRight' ? 1 : -1; while (at >= 0 && at <= last && (trace.x[at] == null || trace.y[at] == null));
    if (at < 0 || at > last) return;
    state.at = at;
    try {
      Plotly.Fx.hover(state.el, [{ curveNumber, pointNumber: at }]);
    } catch { /* a point out of the shown range has no label; it is still said */ }
    const pair = [trace.x[at], trace.y[at]];
    if (trace.orientation === 'h') pair.reverse();
    // The words of the chart's own label, if it has some: they carry units and caveats.
    const words = Array.isArray(trace.hovertext) && trace.hovertext[at];
    say(words ? words.replace(/<br>/g, ', ').replace(/<[^>]*>/g, '')
      : `${trace.name ? `${trace.name}, ` : ''}${plainNumber(pair[0])}: ${plainNumber(pair[1])}`);
  };

  // Checkboxes under a chart: a lens (codes shared by all figures with one) or the names of its traces.
  const chooser = (fig, config, shared) => {
    const box = make('details', { className: 'fig-choose' }, make('summary', { textContent: config.label }));
    const fill = async () => {
      const spec = await needSpec(fig);
      const options = new Map(); // what is chosen by -> its words
      for (const trace of spec.data) {
        const key = shared ? codeOf(trace) : trace.name;
        if (key && !(trace.meta && trace.meta.guide)) options.set(key, trace.name || key);
      }
      const set = make('fieldset', {}, make('legend', { className: 'sr', textContent: config.label }));
      for (const [key, text] of options) {
        const hidden = stateOf(fig).hide;
        const input = make('input', { type: 'checkbox', value: key, checked: shared ? !lens || lens.has(key) : !hidden || !hidden.has(key) });
        input.addEventListener('change', () => (shared ? chooseLens(key, input.checked, options) : chooseTrace(fig, key, input.checked)));
        set.append(make('label', { className: 'check' }, input, text));
      }
      box.append(set);
    };
    box.addEventListener('toggle', () => {
      if (box.open && !$('fieldset', box)) fill().catch((error) => trouble(fig, error));
    });
    opener(fig).after(box);
  };
  const chooseTrace = async (fig, key, shown) => {
    const state = stateOf(fig);
    state.hide = state.hide || new Set();
    state.hide[shown ? 'delete' : 'add'](key);
    remember(fig);
    if (state.open) draw(fig);
    else hydrate(fig);
  };
  const chooseLens = async (code, shown, options) => {
    lens = lens || new Set(options.keys());
    lens[shown ? 'add' : 'delete'](code);
    address({ lens: [...lens].join() || 'none' });
    showLens();
  };
  const showLens = async () => {
    for (const fig of lensFigures) {
      for (const input of $$('.fig-choose input', fig)) input.checked = lens.has(input.value);
      if (stateOf(fig).open) await draw(fig);
      else await hydrate(fig);
    }
  };

  const query = params();
  for (const fig of $$('.fig[data-fig]')) {
    const stage = $('.fig-stage', fig);
    const button = opener(fig);
    if (!stage || !button) continue;
    const isMap = fig.dataset.kind === 'map';
    const toggle = async () => {
      const { open, busy, opened } = stateOf(fig);
      // A pointer that rested on the way to the button opened the chart first; the press meant Explore.
      const meant = busy || performance.now() - opened < 800;
      if (open && !meant) return still(fig);
      if (isMap) return openMap(fig);
      await hydrate(fig);
      if (stateOf(fig).open) stateOf(fig).el.focus();
    };
    stage.classList.add('can-open');
    stage.addEventListener('pointerleave', () => { stateOf(fig).shut = false; });
    stage.append(make('p', { className: 'fig-said' }));
    $('.fig-said', fig).setAttribute('role', 'status');
    button.addEventListener('click', toggle);
    for (const picture of $$('picture', stage)) {
      picture.addEventListener('click', () => (isMap ? toggle() : hydrate(fig)));
      if (isMap) continue;
      // A pointer that only passes on its way down the page is not a reader reaching for the chart.
      let rest = 0;
      picture.addEventListener('pointerenter', (event) => {
        if (event.pointerType !== 'touch' && !stateOf(fig).shut) rest = setTimeout(() => hydrate(fig), 150);
      });
      picture.addEventListener('pointerleave', () => clearTimeout(rest));
    }
    $('.fig-live', stage)?.addEventListener('keydown', (event) => {
      if (!event.key.startsWith('Arrow') || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      step(fig, event.key);
    });
    if (fig.dataset.lens) {
      const config = JSON.parse(fig.dataset.lens);
      if (!lens && config.default && config.default.length) lens = new Set(config.default);
      chooser(fig, config, true);
    }
    if (fig.dataset.filter) chooser(fig, JSON.parse(fig.dataset.filter), false);
    if (query.get('fig') === fig.dataset.fig && (query.get('hide') || query.get('x'))) {
      const state = stateOf(fig);
      if (query.get('hide')) state.hide = new Set(query.getAll('hide'));
      if (query.get('x')) state.x = query.get('x').split(',').slice(0, 2);
      if (!location.hash) fig.scrollIntoView();
      hydrate(fig);
    }
  }
  if (query.get('lens') && lensFigures.length) {
    lens = new Set(query.get('lens').split(','));
    showLens();
  }

  // --- lists with filters ----------------------------------------------------------------------
  for (const form of $$('form[data-filter-table]')) {
    const list = doc.getElementById(form.dataset.filterTable);
    const rows = $$('article.claim', list);
    const words = new Map();
    const fields = [...form.elements].filter((field) => field.name);
    const featured = form.elements.featured;
    const set = (from) => {
      for (const field of fields) {
        const value = from.get(field.name);
        if (field.type === 'checkbox') field.checked = value === 'true';
        else if (field.tagName === 'SELECT') field.value = [...field.options].some((o) => o.value === value) ? value : '';
        else field.value = value || '';
      }
    };
    const textOf = (row) => {
      if (!words.has(row)) words.set(row, row.textContent.toLowerCase());
      return words.get(row);
    };
    const fits = (row, field) => {
      if (field.type === 'checkbox') return !field.checked || row.dataset[field.name] === 'true';
      const value = field.value.trim();
      if (!value) return true;
      if (field.tagName === 'SELECT') return (row.dataset[field.name] || '').split('|').includes(value);
      return value.toLowerCase().split(/\s+/).every((word) => textOf(row).includes(word));
    };
    const apply = () => {
      root.classList.add('asked'); // from here the script, not the sheet, decides what is hidden
      let count = 0;
      for (const row of rows) {
        row.hidden = !fields.every((field) => fits(row, field));
        if (!row.hidden) count += 1;
      }
      const output = $('output', form);
      if (output) output.textContent = `${count} of ${rows.length} shown`;
    };
    const write = () => {
      const changes = {};
      for (const field of fields) changes[field.name] = field.type === 'checkbox' ? (field.checked ? 'true' : '') : field.value.trim();
      if (featured) {
        const others = fields.some((field) => field !== featured && changes[field.name]);
        changes.featured = featured.checked ? (others ? 'true' : '') : others ? '' : 'false';
      }
      address(changes);
    };
    const start = () => {
      const asked = params();
      const filtered = fields.some((field) => asked.has(field.name));
      set(asked);
      // The featured few are only where a visit begins that asks for nothing.
      if (featured && !filtered && !location.hash) featured.checked = true;
      apply();
    };
    form.addEventListener('input', (event) => {
      // Whoever asks for something means all of it, not only the featured few.
      if (featured && event.target !== featured) featured.checked = false;
      apply();
      write();
    });
    form.addEventListener('reset', () => setTimeout(() => {
      apply();
      write();
    }));
    form.addEventListener('submit', (event) => event.preventDefault());
    start();
    addEventListener('hashchange', () => {
      const row = rows.find((r) => r.id === location.hash.slice(1));
      if (!row || !row.hidden) return;
      set(new URLSearchParams());
      apply();
      row.scrollIntoView();
    });
  }

  // --- small things ----------------------------------------------------------------------------
  const asked = () => {
    try {
      return doc.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch { return null; /* #50% is no address, and no reason to stop */ }
  };
  const reveal = () => {
    const target = location.hash && asked();
    if (!target) return;
    for (let box = target.closest('details'); box; box = box.parentElement.closest('details')) box.open = true;
    target.scrollIntoView();
  };
  addEventListener('hashchange', reveal);
  reveal();

  for (const pre of $$('.fig-cite pre')) {
    pre.tabIndex = 0;
    pre.after(make('button', { className: 'copy', type: 'button', textContent: 'Copy' }));
  }
  doc.addEventListener('click', async (event) => {
    const button = event.target.closest('.copy');
    if (!button) return;
    const source = button.dataset.copy ? doc.getElementById(button.dataset.copy) : button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      button.textContent = 'Copied';
      say('Copied');
    } catch {
      // No permission: mark the text, so that the reader's own copy command finds it.
      getSelection().selectAllChildren(source);
      source.select?.();
    }
  });

  const embed = doc.getElementById('embed-code');
  if (embed) embed.value = embed.value.replace('https://address.invalid/', new URL(base, location).href);
  const report = doc.getElementById('report-text');
  if (report) {
    for (const [label, key] of [['Figure', 'figure'], ['Data version', 'data-version']]) {
      if (query.has(key)) report.value = report.value.replace(new RegExp(`^${label}:.*`, 'm'), () => `${label}: ${query.get(key)}`);
    }
  }

  // Escape closes the nearest thing that is open.
  doc.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const live = doc.activeElement.closest('.fig-stage.is-live');
    if (card) closeCard(true);
    else if (menu && menu.open) {
      menu.open = false;
      $('summary', menu).focus();
    } else if (live) still(live.closest('.fig'));
  });

  // Pictures not yet scrolled to would be missing on paper.
  addEventListener('beforeprint', () => {
    if (theme() === 'dark') root.dataset.printed = 'dark';
    for (const image of $$('img[loading=lazy]')) image.loading = 'eager';
  });
  addEventListener('afterprint', () => { delete root.dataset.printed; });
})();
