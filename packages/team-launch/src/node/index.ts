/** The platform for `readTeam` and `collectWorkspaces`. */
export { thisPlatform } from "@trust/claude-state-probe/node";
export { explainTeam, launch } from "./launch.ts";
export { isLaunching } from "./store/launch-store.ts";
export type { KeptLaunch } from "../lifecycle/journal.ts";
export { artifactFile, readJournals } from "./store/read-journals.ts";
export { launchingTeams, stopLaunch, type StoppedLaunch } from "./store/stop-launch.ts";
