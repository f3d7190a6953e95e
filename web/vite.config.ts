import { fileURLToPath } from "node:url";

import vue from "@vitejs/plugin-vue";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";

import { filesOf, PHONE } from "./scripts/closure.mjs";

const HUB = process.env.HUB_URL ?? "http://127.0.0.1:8080";

let dist = "dist";

export default defineConfig({
  plugins: [
    { name: "hub:dist", configResolved: ({ build }) => void (dist = build.outDir) },
    vue(),
    // The service worker serves the phone's pages; features/tasks registers it, nobody else does.
    VitePWA({
      injectRegister: false,
      registerType: "autoUpdate",
      workbox: {
        // A phone's app is seldom closed: a newer worker does not wait for that. `registerType` alone says
        // so only to pages that the plug-in registers.
        skipWaiting: true,
        clientsClaim: true,
        globPatterns: ["index.html", "icon*.{svg,png}", "assets/*.{js,css}"],
        // The phone's pages whole and no others; only they are ever answered without a network.
        manifestTransforms: [
          async (entries) => {
            const needed = new Set(filesOf(dist, PHONE));
            const manifest = entries.filter(({ url }) => !url.startsWith("assets/") || needed.has(url));
            return { manifest, warnings: [] };
          },
        ],
        directoryIndex: null,
        navigateFallback: "/index.html",
        navigateFallbackAllowlist: [/^\/tasks/],
        runtimeCaching: [
          {
            urlPattern: /\/api\/v1\/evidence\/[^/]+\/picture\?size=small/,
            handler: "CacheFirst",
            options: {
              // Emptied when somebody signs out, with a network or without: main.ts asks features/tasks/store.ts for it.
              cacheName: "hub-pictures",
              cacheableResponse: { statuses: [200] },
              expiration: { maxEntries: 60, maxAgeSeconds: 7 * 86_400, purgeOnQuotaError: true },
            },
          },
        ],
      },
      manifest: {
        id: "/tasks",
        name: "雪亮网格任务 · Xueliang tasks",
        short_name: "雪亮任务",
        description: "网格员的任务 · Tasks of grid workers",
        scope: "/",
        lang: "zh-CN",
        start_url: "/tasks",
        display: "standalone",
        background_color: "#ffffff",
        theme_color: "#0b57c2",
        icons: [
          { src: "/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" },
          { src: "/icon-192.png", sizes: "192x192", type: "image/png", purpose: "any" },
          { src: "/icon-512.png", sizes: "512x512", type: "image/png", purpose: "any" },
          { src: "/icon-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
        ],
      },
    }),
  ],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  build: { target: "es2022", manifest: true, chunkSizeWarningLimit: 800 },
  server: { proxy: { "/api": { target: HUB, ws: true } } },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
