import type { ACM, CertificateDetail } from "@aws-sdk/client-acm";
import { tagsOf } from "../ownership.ts";
import { defineKind } from "../resource.ts";

/** What is read of a certificate; a list has no more than its names. */
type Certificate = Pick<CertificateDetail, "CertificateArn" | "DomainName" | "InUseBy" | "Status">;

/**
 * Public certificates of ACM; they are free. Terraform's tags alone say whose one is: a person may have another for the
 * same name. Where an environment has no domain nothing is listed, and what the index of tags names is asked for.
 */
export const certificates = defineKind<ACM, Certificate>({
  name: "certificate",
  title: "certificate",
  arn: { service: "acm", resource: /^certificate\/(.+)$/ },
  gone: ["ResourceNotFoundException"],
  open: async (settings) => new (await import("@aws-sdk/client-acm")).ACM(settings),
  async *list(acm, { domain }) {
    if (domain === undefined) return;
    const { paginateListCertificates } = await import("@aws-sdk/client-acm");
    for await (const { CertificateSummaryList: page = [] } of paginateListCertificates({ client: acm }, {}))
      yield page.filter(({ DomainName: name }) => name === `*.${domain}`);
  },
  get: async (acm, _id, CertificateArn) => (await acm.describeCertificate({ CertificateArn })).Certificate,
  async describe({ CertificateArn: id = "", DomainName: name = "?" }, _scope, acm) {
    const { Tags: list = [] } = await acm.listTagsForCertificate({ CertificateArn: id });
    const { Certificate: { InUseBy: users = [], Status: status } = {} } = await acm.describeCertificate({
      CertificateArn: id,
    });
    return {
      id,
      name,
      marks: { tags: tagsOf(list) },
      facts: { ...(status && { status }), ...(users.length > 0 && { "in use by": users.join(", ") }) },
    };
  },
  remove: (acm, _id, { id }) => acm.deleteCertificate({ CertificateArn: id }),
});
