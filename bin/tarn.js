#!/usr/bin/env node
import { importBuilt, withModernNode } from './runtime.js'

await withModernNode(() => importBuilt('out/main/hosts/cli/tarn.js'))
