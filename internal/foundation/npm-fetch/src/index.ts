export { fetchPackages, publishFolder, type FetchError } from "./fetch-packages.ts";
export { createFetchProgress, type FetchProgress } from "./fetch-progress.ts";
export { runToEnd, type Ended } from "./run-to-end.ts";
