import { agentClis, type PreflightReport, type PreflightResult } from "@trust/preflight";

/** If no CLI was named and none was found, adds that this command can install one. */
export const offerInstall = (report: PreflightReport): PreflightReport => ({
  ...report,
  results: report.results.map((result) =>
    result.code === "cli-not-found" ? { ...result, fix: fixOf(result) } : result,
  ),
});

const fixOf = ({ fix }: PreflightResult): string => {
  const { npmVersion } = agentClis.claude;
  const offer = `Pass --install-cli: ${npmVersion} is fetched from npm into the data folder.`;
  return fix === undefined ? offer : `${offer} Or: ${fix}`;
};
