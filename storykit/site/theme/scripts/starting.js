/** Start the parts of a page; one that fails says so and takes no other with it. */
export const startAll = (starts) => {
  for (const start of starts) {
    try {
      start();
    } catch (error) {
      console.error(error);
    }
  }
};
