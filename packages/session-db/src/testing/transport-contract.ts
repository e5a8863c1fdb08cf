import { batchCases } from "./batch-cases.ts";
import { containerCases } from "./container-cases.ts";
import type { TransportCase } from "./contract-case.ts";
import { deliveryCases } from "./delivery-cases.ts";
import { questionCases } from "./question-cases.ts";
import { hostCases } from "./host-cases.ts";

/**
 * What a host and a container ask of every transport, for any test runner:
 * `for (const { title, check } of transportContract) test(title, () => check(subject()));`
 */
export const transportContract: readonly TransportCase[] = [
  ...batchCases,
  ...containerCases,
  ...hostCases,
  ...questionCases,
  ...deliveryCases,
];
