export { candidateLines, type Candidate } from "./candidate-lines.ts";
export { readTab, type Tab } from "./read-tab.ts";
export { completionScript, shells, type Shell } from "./script.ts";
