"""Tax service halls (基层办税服务厅智能管理). JL:81-125. Not built yet: docs/requirements.toml says what is owed."""
