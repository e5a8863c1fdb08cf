/** A released version such as `2.1.231`; anything after the third number is ignored. */
const numbersOf = (version: string): readonly number[] | null => {
  const found = /(\d+)\.(\d+)\.(\d+)/.exec(version);
  return found ? found.slice(1).map(Number) : null;
};

/**
 * True if `version` is `wanted` or newer. It reads the output of `claude --version`
 * (`2.1.328 (Claude Code)`). A text without three numbers counts as the newest version, because
 * it is an unknown build.
 */
export const versionAtLeast = (version: string, wanted: string): boolean => {
  const [have, want] = [numbersOf(version), numbersOf(wanted)];
  if (have === null || want === null) return true;
  const differing = have.findIndex((part, index) => part !== want[index]);
  return differing === -1 || (have[differing] ?? 0) > (want[differing] ?? 0);
};
