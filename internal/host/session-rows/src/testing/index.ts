export { describeOnBoth } from "../two-hosts.fixture.ts";
export {
  after,
  claim,
  finish,
  idsOf,
  inbound,
  must,
  outbound,
  poll,
  projectionOf,
  start,
} from "./contract-case.ts";
export type { TransportCase, TransportSubject } from "./contract-case.ts";
export { transportContract } from "./transport-contract.ts";
