import { Component, computed, effect, type ElementRef, inject, input, viewChild } from "@angular/core";
import { media } from "../page/media";
import { Preferences } from "../preferences/preferences";
import { chartConfig, type ChartLook, type ChartContent } from "./chart-config";

/** Draws a chart. It is for the eyes alone: the table next to it says the same (`Chart`). */
@Component({
  selector: "ui-chart-canvas",
  template: `<canvas #canvas role="img" [attr.aria-label]="content().title"></canvas>`,
  styles: `
    :host {
      position: relative;
      display: block;
      height: 100%;
      min-width: 0;
    }
  `,
})
export class ChartCanvas {
  readonly #preferences = inject(Preferences);
  readonly #still = media("(prefers-reduced-motion: reduce)");
  readonly #dark = media("(prefers-color-scheme: dark)");
  readonly #contrast = media("(prefers-contrast: more)");

  // The colours themselves come from the page's style, which follows these.
  readonly #appearance = computed(() =>
    [this.#preferences.get("scheme"), this.#preferences.get("contrast"), this.#dark(), this.#contrast()].join(),
  );

  readonly content = input.required<ChartContent>();

  private readonly canvas = viewChild.required<ElementRef<HTMLCanvasElement>>("canvas");

  constructor() {
    effect((onCleanup) => {
      const canvas = this.canvas().nativeElement;
      this.#appearance();
      const still = this.#still() || this.#preferences.get("motion") === "reduced";
      const config = chartConfig(this.content(), lookOf(canvas), !still);
      let remove: (() => void) | undefined;
      let wanted = true;
      onCleanup(() => {
        wanted = false;
        remove?.();
      });
      void import("./draw").then(({ draw }) => {
        if (wanted) remove = draw(canvas, config);
      });
    });
  }
}

/** The page's colours and font as plain values: a canvas knows no `light-dark()`, but an element's computed style does. */
function lookOf(element: HTMLElement): ChartLook {
  const colour = (name: string) => {
    // One of its own for each: a style that changes may be on its way to the new colour still.
    const probe = element.ownerDocument.createElement("i");
    probe.style.color = `var(${name})`;
    element.parentElement?.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
  return {
    first: colour("--mat-sys-primary"),
    second: colour("--warn"),
    text: colour("--muted"),
    line: colour("--line"),
    font: getComputedStyle(element).fontFamily,
  };
}
