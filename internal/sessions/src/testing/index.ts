export { type HostileFile, hostileFiles } from "./hostile-file.ts";
