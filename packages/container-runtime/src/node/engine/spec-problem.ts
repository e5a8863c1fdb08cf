import { isAbsolute } from "node:path";
import { isRequired, unmetBy, type Cannot } from "../../abilities.ts";
import { checkFiles } from "../../files-in.ts";
import { malformed, unsupported } from "../../check-spec.ts";
import type { RuntimeError } from "../../runtime-result.ts";
import type { WorkloadSpec } from "../../workload-spec.ts";

/** The reason why no container can be made for this spec, found before anything is made; null if there is none. */
export const specProblem = (spec: WorkloadSpec, cannot: Cannot): RuntimeError | null => {
  const wrong = malformed(spec);
  if (wrong !== null) return wrong;
  if (spec.image === null)
    return unsupported("A container needs an image.", "Build one: gatehouse image build");
  const unmet = unmetBy(spec, cannot).find(({ ability }) => isRequired(ability));
  if (unmet !== undefined) return unsupported(unmet.reason);
  const files = checkFiles(spec.files);
  if (!files.ok) return files.error;
  const relative = spec.mounts.find(({ source, target }) => !isAbsolute(source) || !isAbsolute(target));
  if (relative === undefined) return null;
  return unsupported(`${relative.source} can be mounted by an absolute path only, at one.`);
};
