import { readFile } from "node:fs/promises";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { parseAllDocuments } from "yaml";
import { podTemplateIn, type PodTemplate } from "../pod-template.ts";

/** Why a template cannot be used. */
export type TemplateError = {
  readonly code: "pod-template";
  readonly message: string;
  readonly fix: string;
};

/** Reads the template of Pods: a Pod and a PersistentVolumeClaim in YAML or JSON, without names. */
export const readPodTemplate = async (file: string): Promise<Result<PodTemplate, TemplateError>> => {
  const wrong = (why: string): Result<never, TemplateError> =>
    fail({
      code: "pod-template",
      message: `The template of Pods cannot be used: ${file}: ${why}`,
      fix: "mend that file, or name another one; one with `kind: Pod` alone adds nothing",
    });
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    return wrong(systemCode(error));
  }
  const documents = [parseAllDocuments(text)].flat();
  const [problem] = documents.flatMap(({ errors }) => errors);
  if (problem !== undefined) return wrong(problem.message);
  let values: readonly unknown[];
  try {
    values = documents.map((one) => one.toJS() as unknown);
  } catch (error) {
    // An alias without its anchor, which may be in another document.
    if (error instanceof ReferenceError) return wrong(error.message);
    throw error;
  }
  const template = podTemplateIn(values);
  return template.ok ? ok(template.value) : wrong(template.error);
};
