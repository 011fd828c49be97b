module cloud.google.com/go/pubsub

go 1.24

require (
	google.golang.org/api v0.0.0
	google.golang.org/grpc v1.84.0
)
