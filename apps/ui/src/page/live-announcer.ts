// A file of its own, as a bundle that is loaded later holds all of what its file has: here one class of the CDK's many.
export { LiveAnnouncer } from "@angular/cdk/a11y";
