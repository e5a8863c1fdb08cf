export type { DoctorCheck } from "./doctor-report.ts";
export { type DoctorFlags, diagnose } from "./diagnose.ts";
export { type PreflightFlags, requestFrom } from "./preflight-flags.ts";
export { namedOrOwnClis, ownCliFile, ownCliFolder } from "./own-cli.ts";
export { createProgressLines } from "./progress-lines.ts";
export { renderAlarms, renderConsents, renderReport, renderStatus, screenLines } from "./render.ts";
export { renderDoctor } from "./render-doctor.ts";
export { addDoctorOptions, addProviderOptions, addRequestOptions, flagsOf } from "./request-options.ts";
export { withFlags } from "./with-flags.ts";
