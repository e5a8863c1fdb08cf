/**
 * The next command to run after `init` or `import`, for the same data folder. `data` is the flag as typed.
 */
export const nextStep = (data: string | undefined, dataDir: string): string =>
  data ? `Next: gatehouse up --data ${dataDir}` : "Next: gatehouse up";
