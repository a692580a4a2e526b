#!/usr/bin/env node
import '../out/main/hosts/cli/tarn.js'
