export { explainTeam, launch } from "./launch.ts";
export { isLaunching } from "./store/launch-store.ts";
export { artifactFile, readJournals, type KeptLaunch } from "./store/read-journals.ts";
