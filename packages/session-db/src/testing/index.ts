export type { TransportCase, TransportSubject } from "./contract-case.ts";
export { transportContract } from "./transport-contract.ts";
