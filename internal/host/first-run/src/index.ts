export { type FetchCli, initCommand, type InitFlags } from "./init-command.ts";
export { readOwnersGroup } from "./owners-group.ts";
