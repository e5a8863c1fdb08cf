export { modelOrder, type OrderAnswer } from "./model-order.ts";
export { troubleOf } from "./trouble.ts";
export { centralCommandHost, type CentralCommandHost, type Settle } from "./command-host.ts";
export { endSessionsOf } from "./end-sessions-of.ts";
export { groupMeant } from "./group-meant.ts";
export { type Transports, transportsOf } from "./transports.ts";
export { readWaiting } from "./read-waiting.ts";
