/** Entries of a changelog: what a changeset says. Versions of our own packages are all the same, so none is listed. */
module.exports = {
  getReleaseLine: async ({ summary }) => {
    const [first, ...others] = summary.split("\n");
    return `- ${first}\n${others.map((line) => (line === "" ? "" : `  ${line}`)).join("\n")}`;
  },
  getDependencyReleaseLine: async () => "",
};
