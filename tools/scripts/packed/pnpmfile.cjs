// For `pnpm pack`: what is published asks for no private package, and leads to no source.
module.exports = {
  hooks: {
    beforePacking: (manifest) => ({
      ...manifest,
      devDependencies: undefined,
      exports: withoutSource(manifest.exports),
    }),
  },
};

/** Without the condition that leads to our sources: they are not in the tarball. */
const withoutSource = (value) =>
  typeof value !== "object"
    ? value
    : Object.fromEntries(
        Object.entries(value)
          .filter(([name]) => name !== "@nc/source")
          .map(([name, target]) => [name, withoutSource(target)]),
      );
