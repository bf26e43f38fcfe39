import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import { boards } from '@vigie/dashboards/vite-plugin';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [
    boards(),
    sveltekit({
      adapter: adapter({ envPrefix: 'VIGIE_KIT_' }),
      csp: {
        mode: 'nonce',
        directives: {
          'default-src': ['self'],
          'script-src': ['self'],
          'style-src': ['self'],
          // kit's route announcer carries one inline style attribute; its hash is the only one let through.
          'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
          'img-src': ['self', 'data:'],
          'font-src': ['self'],
          'connect-src': ['self'],
          'object-src': ['none'],
          'base-uri': ['none'],
          'form-action': ['self'],
          'frame-ancestors': ['none']
        }
      }
    })
  ],
  build: { target: 'es2023', sourcemap: false }
});
