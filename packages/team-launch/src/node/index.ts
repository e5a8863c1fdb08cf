export { launch } from "./launch.ts";
export { artifactFile, readJournal, readJournals, type KeptLaunch } from "./store/read-journals.ts";
