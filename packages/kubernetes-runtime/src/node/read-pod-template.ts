import { readFile } from "node:fs/promises";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { parse } from "yaml";
import { podTemplateIn, type PodTemplate } from "../pod-template.ts";

/** Why a template cannot be used. */
export type TemplateError = {
  readonly code: "pod-template";
  readonly message: string;
  readonly fix: string;
};

/** Reads the template of Pods: a Pod in YAML or JSON, without a name. */
export const readPodTemplate = async (file: string): Promise<Result<PodTemplate, TemplateError>> => {
  const wrong = (why: string): Result<never, TemplateError> =>
    fail({
      code: "pod-template",
      message: `The template of Pods cannot be used: ${file}: ${why}`,
      fix: "mend that file, or start the host without --pod-template",
    });
  let data: unknown;
  try {
    data = parse(await readFile(file, "utf8"));
  } catch (error) {
    return wrong(error instanceof Error && "linePos" in error ? error.message : systemCode(error));
  }
  const template = podTemplateIn(data);
  return template.ok ? ok(template.value) : wrong(template.error);
};
