import { fail, ok, type Result } from "@gatehouse/std";

/** The parts of a Pod that an operator adds: node selector, tolerations, runtime class, pull secrets, volumes. */
export type PodTemplate = Readonly<Record<string, unknown>>;

/** The fields of a template. A name, an owner or a status is the Pod's own. */
const fields = { "": ["apiVersion", "kind", "metadata", "spec"], metadata: ["labels", "annotations"] };

/** Reads a template from parsed YAML. The error is a sentence. */
export const podTemplateIn = (data: unknown): Result<PodTemplate, string> => {
  if (!isObject(data)) return fail("It is no object with metadata and spec.");
  const { kind = "Pod", apiVersion = "v1", metadata = {}, spec = {} } = data;
  if (kind !== "Pod" || apiVersion !== "v1") return fail(`It is no Pod of v1: kind ${JSON.stringify(kind)}.`);
  if (!isObject(metadata) || !isObject(spec)) return fail("Its metadata and spec have to be objects.");
  const strange = [
    ...Object.keys(data).filter((name) => !fields[""].includes(name)),
    ...Object.keys(metadata).flatMap((name) => (fields.metadata.includes(name) ? [] : [`metadata.${name}`])),
  ];
  if (strange.length > 0) return fail(`It may not say ${strange.join(", ")}.`);
  for (const name of ["containers", "initContainers", "volumes"] as const) {
    const list = spec[name] ?? [];
    if (!Array.isArray(list) || list.some((one) => !isNamed(one)))
      return fail(`Its spec.${name} has to be a list of objects with names.`);
  }
  return ok({ metadata, spec });
};

/**
 * Puts a Pod on a template: what both say is the Pod's. Objects are merged, and so are lists whose entries have names, by
 * these; another list of the Pod takes the place of the template's, and so does a volume: it is of one kind.
 */
export const onTemplate = (template: PodTemplate, pod: object): object =>
  mergedObjects(template, pod as PodTemplate);

const mergedObjects = (below: PodTemplate, above: PodTemplate): PodTemplate => ({
  ...below,
  ...Object.fromEntries(
    Object.entries(above).map(([name, value]) => [name, merged(below[name], value, name === "volumes")]),
  ),
});

const merged = (below: unknown, above: unknown, isWhole = false): unknown => {
  if (isObject(below) && isObject(above)) return mergedObjects(below, above);
  if (!Array.isArray(below) || !Array.isArray(above)) return above;
  if (![...below, ...above].every(isNamed)) return above;
  const [lower, upper] = [below, above].map(
    (list: readonly Named[]) => new Map(list.map((one) => [one.name, one])),
  );
  const names = [...new Set([...(upper?.keys() ?? []), ...(lower?.keys() ?? [])])];
  return names.map((name) => {
    const own = upper?.get(name);
    return own === undefined ? lower?.get(name) : isWhole ? own : merged(lower?.get(name), own);
  });
};

type Named = { readonly name: string };

const isNamed = (value: unknown): value is Named => isObject(value) && typeof value["name"] === "string";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
