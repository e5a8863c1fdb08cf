export { commands, elsewhere, resourceSentences, storedTables } from "./resources/index.ts";
