// Command dsmipsim simulates Dual Stack Mobile IPv6, packet by packet. Its commands are in
// one file each; `dsmipsim --help` lists them.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
