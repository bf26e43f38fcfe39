declare module 'virtual:vigie-boards' {
  const boards: readonly import('@vigie/dashboards').Board[];
  export default boards;
}
