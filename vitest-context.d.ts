import "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** How much of a long list of random cases is tried: all (1) with GATEHOUSE_CASES=full, else a tenth. */
    readonly shareOfCases: number;
  }
}
