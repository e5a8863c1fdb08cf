# The operator's commands for a host of this checkout. `sudo make ...` also works if sudo's PATH has no node: tools/scripts/find-node.sh.

NODE ?= $(shell sh tools/scripts/find-node.sh)

.PHONY: help add-user remove-user users-doctor

help:
	@echo "sudo make add-user ARGS='--data DIR'       add a person to the host of this data folder: asks, shows, then does it"
	@echo "sudo make remove-user ARGS='NAME --data DIR'   remove a person: shows, asks, then does it; their folders stay"
	@echo "sudo make users-doctor ARGS='--data DIR'   checks that all people can use the host"
	@echo "make help                                  show this help"
	@echo
	@echo "ARGS are the words and flags of gatehouse users add, remove and doctor; ARGS=--help lists them."
	@echo "Another Node: make NODE=/path/to/node ..."

add-user remove-user users-doctor:
	@test -n "$(NODE)" || { echo "No Node was found. Name one: sudo make $@ NODE=/path/to/node ARGS='...'" >&2; exit 1; }
	@"$(NODE)" tools/scripts/operator.mjs users $(patsubst %-user,%,$(patsubst users-%,%,$@)) $(ARGS)
