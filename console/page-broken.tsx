/** What is shown instead of a page that broke, so that the others can still be reached. */
import { Component, type ReactNode } from 'react'
import { Empty } from './parts.tsx'

export class PageBroken extends Component<{ children: ReactNode }, { reason?: string }> {
  override state: { reason?: string } = {}

  static getDerivedStateFromError(error: Error) {
    return { reason: error.message }
  }

  override render() {
    if (this.state.reason === undefined) return this.props.children
    return <Empty title="This page broke">{this.state.reason}. Reload it, or choose another one.</Empty>
  }
}
