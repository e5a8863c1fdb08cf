# What an operator does with a host of this checkout. `sudo make ...` works where sudo's PATH has no node: see tools/scripts/find-node.sh.

NODE ?= $(shell sh tools/scripts/find-node.sh)

.PHONY: help add-user remove-user users-doctor

help:
	@echo "sudo make add-user ARGS='--data DIR'       add a person to the host of this data folder: asks, shows, then does it"
	@echo "sudo make remove-user ARGS='NAME --data DIR'   remove one: shows, asks, then does it; their folders stay"
	@echo "sudo make users-doctor ARGS='--data DIR'   is everything as those who may use that host need it"
	@echo "make help                                  this"
	@echo
	@echo "ARGS are the words and flags of gatehouse users add, remove and doctor; ARGS=--help lists them."
	@echo "Another Node: make NODE=/path/to/node ..."

add-user remove-user users-doctor:
	@test -n "$(NODE)" || { echo "No Node was found. Name one: sudo make $@ NODE=/path/to/node ARGS='...'" >&2; exit 1; }
	@"$(NODE)" tools/scripts/operator.mjs users $(patsubst %-user,%,$(patsubst users-%,%,$@)) $(ARGS)
