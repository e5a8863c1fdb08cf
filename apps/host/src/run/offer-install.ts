import { agentClis, type PreflightReport } from "@trust/preflight";

/** If no CLI was named and none was found, adds that this command can install one. */
export const offerInstall = (report: PreflightReport): PreflightReport => ({
  ...report,
  results: report.results.map((result) => (result.code === "cli-not-found" ? withOffer(result) : result)),
});

/** Adds the same to one outcome: what this command can do goes first. */
export const withOffer = <T extends { readonly fix?: string }>(outcome: T): T => {
  const { npmVersion } = agentClis.claude;
  const offer = `Pass --install-cli: ${npmVersion} is fetched from npm into the data folder.`;
  return { ...outcome, fix: outcome.fix === undefined ? offer : `${offer} Or: ${outcome.fix}` };
};
