import { agentClis, type PreflightReport } from "@trust/preflight";

/** Adds to each result `cli-not-found` the fix that `--install-cli` installs the CLI. */
export const offerInstall = (report: PreflightReport): PreflightReport => ({
  ...report,
  results: report.results.map((result) => (result.code === "cli-not-found" ? withOffer(result) : result)),
});

/** Adds the offer to install to the fix of an outcome, as its first sentence. */
export const withOffer = <T extends { readonly fix?: string }>(outcome: T): T => {
  const { npmVersion } = agentClis.claude;
  const offer = `Pass --install-cli: ${npmVersion} is fetched from npm into the data folder.`;
  return { ...outcome, fix: outcome.fix === undefined ? offer : `${offer} Or: ${outcome.fix}` };
};
