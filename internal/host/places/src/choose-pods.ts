import { fail, ok, type Environment, type Result } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import { checkField } from "@nc/container-config";
import { processRuntime } from "@nc/container-runtime/node";
import type { ChosenRuntime, RuntimeFlags } from "./chosen-runtime.ts";
import { processesInUse, sentence, type RuntimeInUse } from "./runtime-in-use.ts";

/**
 * Chooses Pods of Kubernetes, in the namespace and with the image that the operator names, else with the kept ones. If the
 * cluster does not answer, agents wait for it where it was chosen before; else the choice fails.
 */
export const choosePods = async (
  { engineSocket, kubernetesImage, kubernetesNamespace, podTemplate }: RuntimeFlags,
  env: Environment,
  kept: RuntimeInUse | null,
): Promise<Result<ChosenRuntime, Failure>> => {
  if (engineSocket !== undefined)
    return fail({ code: "usage", message: "--engine-socket goes with an engine, and Pods have none." });
  const image = kubernetesImage ?? kept?.kubernetes?.image;
  if (image === undefined)
    return fail({
      code: "usage",
      message: "Pods need an image.",
      fix: "name it with --kubernetes-image; docs/kubernetes.md says how to build it",
    });
  if (!checkField("image_tag", image).ok)
    return fail({
      code: "usage",
      message: `${JSON.stringify(image)} is not the name of an image, such as registry.example/agents:1.`,
    });
  const { kubeAccess, openCluster, readPodTemplate } = await import("@nc/kubernetes-runtime/node");
  const access = await kubeAccess(env);
  if (!access.ok) return access;
  const templateFile = podTemplate ?? kept?.kubernetes?.template;
  const template =
    templateFile === undefined ? ok({ pod: {}, claim: null }) : await readPodTemplate(templateFile);
  if (!template.ok) return template;
  const namespace = kubernetesNamespace ?? kept?.kubernetes?.namespace ?? access.value.namespace ?? "default";
  const cluster = openCluster(access.value, namespace);
  const version = await cluster.version();
  if (!version.ok && kept?.name !== "kubernetes") return version;
  const file = templateFile === undefined ? {} : { template: templateFile };
  const kubernetes = { namespace, image, ...file };
  return ok({
    // Pods start as machines; the host takes the runtime that finds and ends them from `pods`.
    make: processRuntime,
    images: null,
    packages: null,
    imageVersion: null,
    pods: { cluster, image, template: template.value },
    inUse: { ...processesInUse, name: "kubernetes", kubernetes },
    problem: async () => {
      const answered = await cluster.version();
      return answered.ok ? null : sentence(answered.error);
    },
    notes: [
      version.ok
        ? `Agents run in Pods of Kubernetes ${version.value}, in the namespace ${namespace}, with the image ${image}. The cluster's NetworkPolicies say what they reach.`
        : `Agents wait, and their messages are kept: ${sentence(version.error)}`,
    ],
  });
};
