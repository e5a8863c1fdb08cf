/** The prefix of our folders in TMPDIR. The name alone proves nothing. */
export const tempPrefix = "workspace-trust-";

/** The file in such a folder that names the process that made it. */
export const ownerFile = ".workspace-trust-owner.json";
