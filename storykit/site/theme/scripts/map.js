// The live map: land, places with their words, a year, and OpenStreetMap's tiles for those who ask for them.
// One file without imports, because JupyterLab gets it as it is.
const TILES = 'https://tile.openstreetmap.org/{z}/{x}/{y}.png';
const TILES_CREDIT = '© <a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener">OpenStreetMap</a>';
const SMALL = 520; // px: below it the map opens at its fullest part, with the key folded

const get = (id) => document.getElementById(id);

const make = (tag, text, className = '') => Object.assign(document.createElement(tag), { textContent: text, className });

/** Whether a place is there in a year; null is any time. */
export const isThere = (place, year) => year === null
  || ((place.from ?? -Infinity) <= year && (place.to ?? Infinity) >= year);

/** What is known of a place: name, words, years, and how well its spot is known. */
export const words = (place) => {
  const node = document.createElement('div');
  node.append(make('strong', place.label));
  if (place.text) node.append(...place.text.split('\n').map((part) => make('p', part)));
  if (place.to) node.append(make('p', `${place.from ?? '…'} to ${place.to}`, 'quiet'));
  else if (place.from) node.append(make('p', `since ${place.from}`, 'quiet'));
  if (place.ring) node.append(make('p', 'The place is known only roughly.', 'quiet'));
  return node;
};

/** The outline of a mark around { x, y } with radius r, as an SVG path; empty for a circle. */
export const outline = (shape, { x, y }, r) => {
  if (shape === 'square') return `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
  const d = 1.3 * r;
  return shape === 'diamond' ? `M${x},${y - d}l${d},${d}l${-d},${d}l${-d},${-d}z` : '';
};

/** A mark that keeps its distance in pixels from others at the same place, whatever the zoom. */
const markClass = () => L.CircleMarker.extend({
  _project() {
    this._point = this._map.latLngToLayerPoint(this._latlng).add(this.options.shift);
    this._updateBounds();
  },
  _updatePath() {
    const path = outline(this.options.shape, this._point, this._radius);
    if (path) this._renderer._setPath(this, path);
    else this._renderer._updateCircle(this);
  },
});

const markOf = (place, Mark) => {
  const [shape, open] = (place.s || 'circle').split('-');
  const shift = L.point(place.d ? [place.d[0], -place.d[1]] : [0, 0]);
  const group = L.featureGroup();
  if (place.ring) {
    new Mark(place.at, { radius: place.r + 4, shift, interactive: false, className: `halo c-${place.c}` }).addTo(group);
  }
  new Mark(place.at, { radius: place.r, shift, shape, className: `place c-${place.c}${open ? ' open' : ''}` }).addTo(group);
  return group.bindPopup(() => words(place), {
    offset: [shift.x, shift.y - place.r],
    maxWidth: Math.min(300, innerWidth - 110),
    autoPanPaddingTopLeft: [56, 8],
    autoPanPaddingBottomRight: [8, 8],
  });
};

/** In a page the map leaves the page its scrolling: one finger and the bare wheel never reach it. */
const shareScrolling = (map) => {
  if (window.parent === window) return;
  document.documentElement.classList.add('framed');
  const box = map.getContainer();
  box.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  }, { capture: true, passive: true });
  box.addEventListener('touchstart', (event) => {
    if (event.touches.length < 2) event.stopPropagation();
  }, { capture: true, passive: true });
};

const showHints = (map) => {
  const Hint = L.Control.extend({ options: { position: 'bottomleft' }, onAdd() { return this.options.element; } });
  for (const element of document.querySelectorAll('.hint')) new Hint({ element }).addTo(map);
};

/** A screen reader meets each drawing as one picture with a name; the places themselves are in the list beside it. */
const nameDrawing = (map, pane, words) => {
  const drawing = map.getPane(pane).querySelector('svg');
  drawing?.setAttribute('role', 'img');
  drawing?.setAttribute('aria-label', words);
};

const showLand = async (map, state) => {
  map.createPane('land').style.zIndex = 250;
  try {
    const land = state.land || await (await fetch(state.url)).json();
    L.geoJSON(land, { pane: 'land', interactive: false, style: { className: 'land' } }).addTo(map);
    nameDrawing(map, 'land', 'Outline of the land');
  } catch {
    map.attributionControl.addAttribution('the outline of the land could not be loaded');
  }
};

const fit = (map, state) => {
  const small = innerWidth < SMALL;
  const key = document.querySelector('.key');
  if (key && small) key.open = false;
  map.invalidateSize();
  const [west, south, east, north] = small ? state.slim : state.box;
  map.fitBounds([[south, west], [north, east]]);
  // The key stands below the map; opened or shut, it leaves the map another height.
  key?.addEventListener('toggle', () => map.invalidateSize());
};

const showPlaces = (map, state) => {
  const Mark = markClass();
  const list = get('place');
  const places = state.points.map((place, i) => {
    const option = Object.assign(make('option', place.label), { value: i });
    list.append(option);
    return { place, option, group: markOf(place, Mark) };
  });
  list.addEventListener('change', () => {
    if (list.value === '') return;
    const { place, group } = places[list.value];
    map.setView(place.at, Math.max(map.getZoom(), 6));
    group.openPopup(place.at);
  });
  const show = (year) => {
    for (const { place, option, group } of places) {
      const there = isThere(place, year);
      if (there) group.addTo(map);
      else group.remove();
      option.hidden = option.disabled = !there;
    }
  };
  show(state.year ?? null);
  nameDrawing(map, 'overlayPane', 'Marks of the places; the list of places opens each');
  const control = get('year');
  control?.addEventListener('input', () => {
    get('when').textContent = control.value;
    map.closePopup();
    show(Number(control.value));
  });
};

const offerTiles = (map) => {
  const button = get('tiles');
  let tiles = null;
  button.addEventListener('click', () => {
    tiles ??= L.tileLayer(TILES, { maxZoom: 19, attribution: TILES_CREDIT });
    const on = !map.hasLayer(tiles);
    if (on) tiles.addTo(map);
    else tiles.remove();
    map.getPane('land').style.display = on ? 'none' : '';
    button.setAttribute('aria-pressed', on);
    button.textContent = on ? 'Hide OpenStreetMap tiles' : 'Show OpenStreetMap tiles';
  });
};

const MISSING = 'The map could not be loaded; the picture and the table of this figure hold the same places.';

const start = () => {
  if (typeof L === 'undefined') {
    get('map').append(make('p', MISSING));
    return;
  }
  const state = JSON.parse(get('state').textContent);
  const map = L.map('map', { zoomSnap: 0.25, worldCopyJump: true, minZoom: 0.5, maxZoom: 17 });
  map.attributionControl.setPrefix(false).addAttribution(state.credit);
  shareScrolling(map);
  showHints(map);
  fit(map, state);
  showLand(map, state);
  showPlaces(map, state);
  offerTiles(map);
};

// The colours of the page around it, before anything is painted: this file stands in the head.
const asked = new URLSearchParams(location.search).get('theme');
if (asked === 'dark' || asked === 'light') document.documentElement.dataset.theme = asked;
if (get('state')) start();
else document.addEventListener('DOMContentLoaded', () => { if (get('state')) start(); });
