import { batchCases } from "./batch-cases.ts";
import { containerCases } from "./container-cases.ts";
import type { TransportCase } from "./contract-case.ts";
import { deliveryCases } from "./delivery-cases.ts";
import { questionCases } from "./question-cases.ts";
import { hostCases } from "./host-cases.ts";

/**
 * The cases that every transport has to pass, for any test runner: `for (const { title, check } of
 * transportContract) test(title, () => check(subject()));`
 */
export const transportContract: readonly TransportCase[] = [
  ...batchCases,
  ...containerCases,
  ...hostCases,
  ...questionCases,
  ...deliveryCases,
];
