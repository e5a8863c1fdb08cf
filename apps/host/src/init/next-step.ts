/** What comes behind `init` and `import`, in the data folder that they were told; `data` is the flag as it was typed. */
export const nextStep = (data: string | undefined, dataDir: string): string =>
  data ? `Next: gatehouse up --data ${dataDir}` : "Next: gatehouse up";
