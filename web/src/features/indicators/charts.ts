/** The parts of ECharts that are drawn here, and one way to put a chart into a page. */
import { HeatmapChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { onBeforeUnmount, onMounted, watch, type Ref } from "vue";

use([LineChart, HeatmapChart, GridComponent, TooltipComponent, VisualMapComponent, AriaComponent, CanvasRenderer]);

/** A colour of the theme, as the canvas wants it. */
export const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--x-${name}`).trim();

/** Draws what `options` says into the element, again whenever it changes or the element does. */
export function useChart(host: Ref<HTMLElement | null>, options: () => Record<string, unknown>): void {
  let chart: EChartsType | null = null;
  const sized = new ResizeObserver(() => chart?.resize());
  const draw = (): void => chart?.setOption({ animation: false, aria: { enabled: true }, ...options() }, { notMerge: true });
  onMounted(() => {
    if (!host.value) return;
    chart = init(host.value);
    sized.observe(host.value);
    draw();
  });
  watch(options, draw);
  onBeforeUnmount(() => {
    sized.disconnect();
    chart?.dispose();
  });
}
