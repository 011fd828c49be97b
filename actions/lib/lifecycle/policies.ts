/** What becomes of the apps' volumes. */
export const volumePolicies = ["delete", "snapshot", "keep"] as const;

/** What becomes of the apps' volumes. */
export type VolumePolicy = (typeof volumePolicies)[number];

/** What becomes of the images in ECR. */
export const imagePolicies = ["delete", "keep"] as const;

/** What becomes of the images in ECR. */
export type ImagePolicy = (typeof imagePolicies)[number];
