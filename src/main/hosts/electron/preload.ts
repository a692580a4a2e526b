import { contextBridge, ipcRenderer } from 'electron'

/** All that a page gets beyond the web: never data, never a path it did not ask the user for. */
contextBridge.exposeInMainWorld('tarnDesktop', {
  platform: process.platform,
  chooseFile: (filters: unknown) => ipcRenderer.invoke('tarn:choose-file', filters),
  setTheme: (theme: unknown) => ipcRenderer.invoke('tarn:theme', theme),
})
