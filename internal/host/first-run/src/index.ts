export { type FetchCli, initCommand } from "./init-command.ts";
