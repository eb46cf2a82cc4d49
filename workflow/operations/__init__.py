"""The writes: each module is one verb, each public function one use case in one transaction."""
