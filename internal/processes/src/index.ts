export { endAgent, endGroup, exitOf, lastOutputMs } from "./end-agent.ts";
export { endFrozen } from "./end-frozen.ts";
export {
  hasEnded,
  type ProcessIdentity,
  processIdentityIn,
  statOf,
  thisProcess,
} from "./process-identity.ts";
export { shellCode } from "./shell-code.ts";
