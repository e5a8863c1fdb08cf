export { importNanoclaw, readNanoclaw } from "./import-nanoclaw.ts";
export type { ImportReport } from "./import-report.ts";
export { tryImport } from "./try-import.ts";
export { renderConflicts, renderImport, renderUnconfirmed } from "./render-import.ts";
